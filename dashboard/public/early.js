// Sets theme and language before the first paint; a file of its own because the policy allows no inline script.
(() => {
  const root = document.documentElement;
  const kept = (key) => {
    try {
      return localStorage.getItem(key);
    } catch {
      return null; // Storage may be refused; the defaults serve.
    }
  };
  const theme = kept('muster.theme');
  const dark = theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  root.dataset.theme = dark ? 'dark' : 'light';
  const language = kept('muster.language') ?? (/^zh/i.test(navigator.language) ? 'zh' : 'en');
  root.lang = language === 'zh' ? 'zh-CN' : 'en';
})();
