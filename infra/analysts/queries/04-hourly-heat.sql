-- When is it busy? Calls and tokens by day of the week (1 = Monday) and hour of the day, in the
-- time zone given, summed over the span.
-- Parameters: project; from, to: the span, half-open, cut to whole hours (UTC); zone: an IANA zone
-- whose offset is whole hours in the span, such as Europe/Rome.
SELECT
  toDayOfWeek(window_start, 0, {zone:String}) AS weekday,
  toHour(window_start, {zone:String}) AS hour,
  sum(h.calls) AS calls,
  sum(h.tokens) AS tokens
FROM usage_per_hour_v1 AS h
WHERE project = {project:String}
  AND window_start >= {from:DateTime64(3, 'UTC')} AND window_start < {to:DateTime64(3, 'UTC')}
GROUP BY weekday, hour
ORDER BY weekday, hour
