-- How much of the input comes from a cache? Per model; cached tokens are inside the input tokens.
-- Parameters: project; from, to: the span, half-open, cut to whole days (UTC).
SELECT
  model,
  sum(d.input_tokens) AS input_tokens,
  sum(d.cache_read_tokens) AS cached_tokens,
  if(input_tokens = 0, 0, round(100 * cached_tokens / input_tokens, 2)) AS percent_cached
FROM usage_per_day_v1 AS d
WHERE project = {project:String}
  AND window_start >= {from:DateTime64(3, 'UTC')} AND window_start < {to:DateTime64(3, 'UTC')}
GROUP BY model
ORDER BY input_tokens DESC, model
