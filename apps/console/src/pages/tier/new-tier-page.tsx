export function NewTierPage() {
  return null;
}
