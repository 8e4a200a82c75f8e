// Loads something when it is first asked for, and keeps it; a load that failed is forgotten.

/** The load for all who ask; whoever asks after one that failed begins it again. Throws what `load` throws. */
export function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loading: Promise<T> | null = null;
  return () => {
    loading ??= load().catch((error: unknown) => {
      loading = null;
      throw error;
    });
    return loading;
  };
}
