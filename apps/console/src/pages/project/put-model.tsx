import { Autocomplete, Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Failed } from '../../ui/states/failed';
import { putModel } from './project-calls';

/** A model and its group; an empty model is one that is to be added. */
export interface ModelPlace {
  readonly model: string;
  readonly group: string;
}

interface PutModelProps {
  readonly place: ModelPlace | null;
  readonly groups: readonly string[];
  readonly close: () => void;
}

/** Puts a model into a group, and says from when that counts. */
export function PutModel({ place, groups, close }: PutModelProps) {
  return (
    <Modal
      opened={place !== null}
      onClose={close}
      title={place?.model ? `Move ${place.model}` : 'Add a model'}
      centered
    >
      {place && <PutModelForm key={place.model} place={place} groups={groups} close={close} />}
    </Modal>
  );
}

function PutModelForm({ place, groups, close }: PutModelProps & { place: ModelPlace }) {
  const [model, setModel] = useState(place.model);
  const [group, setGroup] = useState(place.group);
  const client = useQueryClient();
  const putting = useMutation({
    mutationFn: () => putModel(model.trim(), group.trim()),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['model-groups'] });
      close();
    },
  });
  const isReady = model.trim() !== '' && group.trim() !== '' && group !== place.group;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady && !putting.isPending) putting.mutate();
      }}
    >
      <Stack>
        {place.model === '' && (
          <TextInput
            label="Model"
            description="As apps name it when they ask or report."
            required
            maxLength={128}
            value={model}
            onChange={({ currentTarget }) => setModel(currentTarget.value)}
          />
        )}
        <Autocomplete
          label="Group"
          description="One of the project’s, or a new one."
          required
          maxLength={128}
          data={[...groups]}
          value={group}
          onChange={setGroup}
        />
        <Text size="sm">
          {place.model
            ? 'Its calls count in that group for every customer from now on, against the limits of that group. What was recorded stays in the old one.'
            : 'Its calls count in that group for every customer from now on.'}
        </Text>
        {putting.error && <Failed error={putting.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={putting.isPending} disabled={!isReady}>
            {place.model ? 'Move the model' : 'Add the model'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
