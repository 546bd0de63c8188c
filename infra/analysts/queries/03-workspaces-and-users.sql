-- Who of one customer uses what? By workspace and user; both are empty where the calls named none.
-- Parameters: project; customer; from, to: the span, half-open.
SELECT
  workspace,
  `user`,
  sum(e.calls) AS calls,
  sum(e.tokens) AS tokens,
  max(e.time) AS last_call
FROM usage_events_v1 AS e
WHERE project = {project:String} AND customer = {customer:String}
  AND time >= {from:DateTime64(3, 'UTC')} AND time < {to:DateTime64(3, 'UTC')}
GROUP BY workspace, `user`
ORDER BY tokens DESC, workspace, `user`
