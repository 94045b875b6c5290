/** Links of components that know no router, followed without loading the page anew. */
import { useNavigate } from '@tanstack/react-router';

/** For `onClick` of an element around them. What the router made itself, new tabs and other places are left alone. */
export function useInnerLinks(): (event: React.MouseEvent) => void {
  const navigate = useNavigate();
  return (event) => {
    if (event.defaultPrevented || event.button !== 0) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest('a[href^="/"]') : null;
    const href = link?.getAttribute('href');
    if (!href || link?.hasAttribute('target') || link?.hasAttribute('download')) return;
    event.preventDefault();
    void navigate({ href });
  };
}
