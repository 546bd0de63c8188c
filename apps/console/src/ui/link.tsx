import {
  Anchor,
  Button,
  NavLink,
  type AnchorProps,
  type ButtonProps,
  type NavLinkProps,
} from '@mantine/core';
import { createLink } from '@tanstack/react-router';
import { forwardRef, type ComponentPropsWithoutRef } from 'react';

type Beside<Props> = Props & Omit<ComponentPropsWithoutRef<'a'>, keyof Props>;

const PlainAnchor = forwardRef<HTMLAnchorElement, Beside<AnchorProps>>((props, ref) => (
  <Anchor ref={ref} {...props} />
));
PlainAnchor.displayName = 'PlainAnchor';
const PlainButton = forwardRef<HTMLAnchorElement, Beside<ButtonProps>>((props, ref) => (
  <Button component="a" ref={ref} {...props} />
));
PlainButton.displayName = 'PlainButton';
const PlainNavLink = forwardRef<HTMLAnchorElement, Beside<NavLinkProps>>((props, ref) => (
  <NavLink component="a" ref={ref} {...props} />
));
PlainNavLink.displayName = 'PlainNavLink';

/** An anchor that the router follows. */
export const AnchorLink = createLink(PlainAnchor);
/** A button that leads to another page. */
export const ButtonLink = createLink(PlainButton);
/** A line of the navigation. */
export const NavigationLink = createLink(PlainNavLink);
