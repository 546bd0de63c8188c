import { Badge, Button, Group, Paper, Select, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { modelGroupsQuery, type ModelGroup } from '../../api/project';
import { counted } from '../../ui/figures';
import { useMay } from '../../ui/session';
import { Answered } from '../../ui/states/answered';
import { Empty } from '../../ui/states/empty';
import { Failed } from '../../ui/states/failed';
import { PutModel, type ModelPlace } from './put-model';
import { putDefaultModel } from './project-calls';

/** Which models count as which group, and what a reroute into the group calls. */
export function ModelsTab() {
  const groups = useQuery(modelGroupsQuery);
  const mayChange = useMay('admin');
  const [place, setPlace] = useState<ModelPlace | null>(null);
  return (
    <Stack>
      <Group justify="space-between">
        <Text size="sm" className="tw-quiet" maw={640}>
          Limits count by group. A model that is moved counts in its new group from then on; what
          was recorded stays where it was.
        </Text>
        {mayChange && (
          <Button onClick={() => setPlace({ model: '', group: '' })}>Add a model</Button>
        )}
      </Group>
      <Answered what="model groups" query={groups}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No model group" next="Add a model: its group is made with it." />
          ) : (
            <SimpleGrid cols={{ base: 1, sm: 2 }}>
              {rows.map((group) => (
                <GroupCard
                  key={group.group}
                  group={group}
                  move={mayChange ? setPlace : undefined}
                />
              ))}
            </SimpleGrid>
          )
        }
      </Answered>
      <PutModel
        place={place}
        groups={groups.data?.map(({ group }) => group) ?? []}
        close={() => setPlace(null)}
      />
    </Stack>
  );
}

interface GroupCardProps {
  readonly group: ModelGroup;
  readonly move: ((place: ModelPlace) => void) | undefined;
}

function GroupCard({
  group: { group, models, defaultModel, defaultModelChosen },
  move,
}: GroupCardProps) {
  return (
    <Paper withBorder p="md" component="section" aria-label={`Model group ${group}`}>
      <Stack gap="sm">
        <Group justify="space-between">
          <Title order={2} size="h5">
            {group}
          </Title>
          <Text size="sm" className="tw-quiet">
            {counted(models.length, 'model')}
          </Text>
        </Group>
        {models.length === 0 && (
          <Text size="sm" className="tw-quiet">
            No model counts here yet.
          </Text>
        )}
        <Group gap={6}>
          {models.map((model) =>
            move ? (
              <Button
                key={model}
                size="compact-xs"
                variant="default"
                onClick={() => move({ model, group })}
                title={`Move ${model} to another group`}
              >
                {model}
              </Button>
            ) : (
              <Badge key={model} variant="default" tt="none">
                {model}
              </Badge>
            ),
          )}
        </Group>
        {models.length > 0 && (
          <DefaultModel
            group={group}
            models={models}
            chosen={defaultModelChosen ? defaultModel : null}
            first={defaultModel}
            isFixed={!move}
          />
        )}
      </Stack>
    </Paper>
  );
}

interface DefaultModelProps {
  readonly group: string;
  readonly models: readonly string[];
  /** Null: nobody chose one, so it is the first by name. */
  readonly chosen: string | null;
  readonly first: string | null;
  readonly isFixed: boolean;
}

function DefaultModel({ group, models, chosen, first, isFixed }: DefaultModelProps) {
  const client = useQueryClient();
  const changing = useMutation({
    mutationFn: (model: string | null) => putDefaultModel(group, model),
    onSuccess: () => client.invalidateQueries({ queryKey: ['model-groups'] }),
  });
  return (
    <>
      <Select
        label="A reroute into the group calls"
        size="xs"
        disabled={isFixed || changing.isPending}
        clearable
        placeholder={`${first ?? 'none'} (the first by name)`}
        value={chosen}
        data={[...models]}
        onChange={(model) => changing.mutate(model)}
      />
      {changing.error && <Failed error={changing.error} />}
    </>
  );
}
