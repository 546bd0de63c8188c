import { CloseButton, TextInput } from '@mantine/core';
import { useState } from 'react';

interface TextFilterProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** Undefined: the filter is taken away. */
  readonly choose: (value: string | undefined) => void;
  readonly width?: number;
}

const MOST_CHARACTERS = 128;

/** A filter that is typed, and holds when Enter is pressed or the field is left. */
export function TextFilter(props: TextFilterProps) {
  return <Field key={props.value} {...props} />;
}

function Field({ label, value, placeholder, choose, width = 220 }: TextFilterProps) {
  const [typed, setTyped] = useState(value);
  const take = (): void => {
    if (typed.trim() !== value) choose(typed.trim() || undefined);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        take();
      }}
    >
      <TextInput
        aria-label={label}
        placeholder={placeholder ?? label}
        w={width}
        maxLength={MOST_CHARACTERS}
        value={typed}
        onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        onBlur={take}
        rightSection={
          value && <CloseButton aria-label={`Clear ${label}`} onClick={() => choose(undefined)} />
        }
      />
    </form>
  );
}
