-- Who uses most? The customers with the most tokens in a span, and their share of the project's.
-- Parameters: project; from, to: the span, half-open; most: how many customers.
SELECT
  customer,
  sum(e.calls) AS calls,
  sum(e.tokens) AS tokens,
  round(100 * tokens / sum(tokens) OVER (), 2) AS percent_of_tokens
FROM usage_events_v1 AS e
WHERE project = {project:String}
  AND time >= {from:DateTime64(3, 'UTC')} AND time < {to:DateTime64(3, 'UTC')}
GROUP BY customer
ORDER BY tokens DESC, customer
LIMIT {most:UInt32}
