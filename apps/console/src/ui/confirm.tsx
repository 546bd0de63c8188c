import { Alert, Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { Failed } from './states/failed';

interface ConfirmProps {
  readonly title: string;
  readonly opened: boolean;
  readonly close: () => void;
  /** What it does to customers, in a sentence with its numbers. */
  readonly consequence: ReactNode;
  readonly action: string;
  readonly isDangerous?: boolean;
  /** Without it there is nothing to confirm yet. */
  readonly isReady?: boolean;
  readonly isBusy: boolean;
  readonly error: Error | null;
  /** `reason` goes into the audit trail; null: none was given. */
  readonly confirm: (reason: string | null) => void;
  readonly children?: ReactNode;
}

/** Asks before anything that touches customers, and names the consequence. */
export function Confirm(props: ConfirmProps) {
  const { title, opened, close, consequence, action, isDangerous = false, children } = props;
  const [reason, setReason] = useState('');
  const isReady = props.isReady ?? true;
  return (
    <Modal opened={opened} onClose={close} title={title} size="lg" centered>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !props.isBusy) props.confirm(reason.trim() || null);
        }}
      >
        <Stack>
          {children}
          <Alert color={isDangerous ? 'red' : 'indigo'} variant="light" title="What this does">
            {consequence}
          </Alert>
          <TextInput
            label="Reason"
            description="Stands in the audit trail with the name of your key."
            maxLength={250}
            value={reason}
            onChange={({ currentTarget }) => setReason(currentTarget.value)}
          />
          {props.error && <Failed error={props.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button
              type="submit"
              color={isDangerous ? 'red' : undefined}
              loading={props.isBusy}
              disabled={!isReady}
            >
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
