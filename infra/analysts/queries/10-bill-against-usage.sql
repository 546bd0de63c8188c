-- Does the bill say what was used? One closed period's lines beside the events themselves, per
-- customer, model and unit. Every difference is 0 once the period is closed and nothing came late
-- since; what was used and is not billed shows as a difference too.
-- Parameters: project; from, to: the bounds of the period, exactly as the lines have them.
SELECT
  customer,
  model_group,
  model,
  unit,
  sum(from_lines) AS billed,
  sum(from_events) AS used,
  toInt64(billed) - toInt64(used) AS difference
FROM (
  SELECT customer, model_group, model, unit, l.quantity AS from_lines, 0 AS from_events
  FROM billing_lines_v1 AS l
  WHERE project = {project:String}
    AND period_from = {from:DateTime64(3, 'UTC')} AND period_to = {to:DateTime64(3, 'UTC')}
  UNION ALL
  SELECT customer, model_group, model, of_unit.1 AS unit, 0 AS from_lines, of_unit.2 AS from_events
  FROM (
    SELECT
      customer,
      model_group,
      model,
      [
        ('calls', sum(e.calls)),
        ('tokens', sum(e.tokens)),
        ('inputTokens', sum(e.input_tokens)),
        ('outputTokens', sum(e.output_tokens)),
        ('cacheReadTokens', sum(e.cache_read_tokens)),
        ('cacheWriteTokens', sum(e.cache_write_tokens)),
        ('reasoningTokens', sum(e.reasoning_tokens)),
        ('images', sum(e.images)),
        ('toolCalls', sum(e.tool_calls))
      ] AS sums
    FROM usage_events_v1 AS e
    WHERE project = {project:String}
      AND time >= {from:DateTime64(3, 'UTC')} AND time < {to:DateTime64(3, 'UTC')}
    GROUP BY customer, model_group, model
  )
  ARRAY JOIN sums AS of_unit
)
GROUP BY customer, model_group, model, unit
HAVING billed > 0 OR used > 0
ORDER BY abs(difference) DESC, customer, model_group, model, unit
