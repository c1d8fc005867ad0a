const ours = new URL(import.meta.url.endsWith('/tensor/callSite.ts') ? '..' : '.', import.meta.url).href;

/** ` (at file:line:column)` of the nearest caller outside this package; nothing where that cannot be told, as in a bundle. */
export function callSite(): string {
  const frames = new Error('where').stack?.split('\n') ?? [];
  const places = frames.flatMap(
    (frame) => /(?:\(|at |@)((?:file:|https?:|\/)[^()]+:\d+:\d+)\)?$/.exec(frame)?.[1] ?? [],
  );
  const theirs = places.find((place) => !place.startsWith(ours) && !place.startsWith(new URL(ours).pathname));
  return theirs && places.length > 0 && theirs !== places[0] ? ` (at ${theirs})` : '';
}
