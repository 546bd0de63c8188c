export function LimitsTab() {
  return null;
}
