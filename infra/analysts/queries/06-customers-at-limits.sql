-- Who runs into limits, and why? Refusals per customer and reason, with the limit that stood in the
-- way most lately and how far it was used then.
-- Parameters: project; from, to: the span, half-open.
SELECT
  customer,
  outcome,
  reason,
  count() AS refusals,
  max(d.decided_at) AS last_at,
  argMax(
    concat(limit_model_group, ' ', limit_unit, ' per ', limit_window),
    (d.decided_at, d.partition, d.offset)
  ) AS last_limit,
  argMax(
    if(limit_amount = 0, 100, round(100 * limit_used / limit_amount, 1)),
    (d.decided_at, d.partition, d.offset)
  ) AS last_percent_used
FROM decisions_v1 AS d
WHERE project = {project:String} AND outcome IN ('block', 'throttle')
  AND d.decided_at >= {from:DateTime64(3, 'UTC')} AND d.decided_at < {to:DateTime64(3, 'UTC')}
GROUP BY customer, outcome, reason
ORDER BY refusals DESC, customer, outcome, reason
