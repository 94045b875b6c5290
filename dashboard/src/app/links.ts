/** Links of components that know no router, followed without loading the page anew. */
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';

/** While mounted. What the router made itself, new tabs and other places are left alone. */
export function useInnerLinks(): void {
  const navigate = useNavigate();
  useEffect(() => {
    const follow = (event: MouseEvent) => {
      const href = innerHref(event);
      if (href === null) return;
      event.preventDefault();
      void navigate({ href });
    };
    // At the document, after the handlers of the links themselves.
    document.addEventListener('click', follow);
    return () => document.removeEventListener('click', follow);
  }, [navigate]);
}

function innerHref(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest('a[href^="/"]') : null;
  if (link === null || link.hasAttribute('target') || link.hasAttribute('download')) return null;
  return link.getAttribute('href');
}
