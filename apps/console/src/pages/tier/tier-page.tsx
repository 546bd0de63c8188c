export function TierPage() {
  return null;
}
