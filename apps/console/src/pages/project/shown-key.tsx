import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from '@mantine/core';
import type { ShownOnce } from './project-calls';

/** The secret, this once: nothing keeps it, here or there. */
export function ShownKey({ made, close }: { made: ShownOnce | null; close: () => void }) {
  return (
    <Modal
      opened={made !== null}
      onClose={close}
      title={made ? `The key “${made.name}”` : ''}
      size="lg"
      closeOnClickOutside={false}
      closeOnEscape={false}
    >
      {made && (
        <Stack>
          <Alert color="yellow" variant="light" title="Copy it now">
            <Text size="sm">It is shown this once; Tallyward keeps only its hash.</Text>
          </Alert>
          <Code block style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-wrap' }}>
            {made.key}
          </Code>
          <Group justify="flex-end">
            <CopyButton value={made.key}>
              {({ copied, copy }) => (
                <Button variant="default" onClick={copy}>
                  {copied ? 'Copied' : 'Copy'}
                </Button>
              )}
            </CopyButton>
            <Button onClick={close}>I have it</Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
