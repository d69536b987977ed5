/** What happens beside the work and people should hear of, such as a connection that is lost: told where they look. */

export interface News {
  tell(text: string): void;
  /** Hears of what is told until the result is called; the last who came hears it alone. */
  listen(listener: (text: string) => void): () => void;
}

/** While nobody listens, `otherwise` hears it. */
export function makeNews(otherwise: (text: string) => void): News {
  const listeners: ((text: string) => void)[] = [];
  return {
    tell: (text) => (listeners.at(-1) ?? otherwise)(text),
    listen(listener) {
      listeners.push(listener);
      return () => {
        const index = listeners.lastIndexOf(listener);
        if (index >= 0) listeners.splice(index, 1);
      };
    },
  };
}
