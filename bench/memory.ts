const SAMPLE_EVERY_MS = 5;

/**
 * Watches this process's memory until `stop`, which answers the peaks above what there was at the start, in bytes. By
 * samples: the system's own high-water mark (`ru_maxrss`) passes through fork and exec, so that a child's begins with
 * its parent's.
 */
export function measureMemory() {
  globalThis.gc?.();
  const before = look();
  const peak = { ...before };
  const timer = setInterval(() => {
    const now = look();
    peak.rss = Math.max(peak.rss, now.rss);
    peak.heap = Math.max(peak.heap, now.heap);
  }, SAMPLE_EVERY_MS);
  return {
    stop(): { rssGrowthBytes: number; heapGrowthBytes: number } {
      clearInterval(timer);
      return {
        rssGrowthBytes: peak.rss - before.rss,
        heapGrowthBytes: peak.heap - before.heap,
      };
    },
  };
}

/** `heap`: objects and buffers that the garbage collector accounts for. */
function look() {
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rss, heap: heapUsed + external };
}
