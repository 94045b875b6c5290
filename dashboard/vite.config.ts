/** Builds the dashboard; `vite --mode mock` develops against `mock/server.ts` instead of a real server. */
import tailwind from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const SERVER_PORT = 8420;
const MOCK_PORT = 8421;

export default defineConfig(({ mode }) => {
  const origin = `127.0.0.1:${mode === 'mock' ? MOCK_PORT : SERVER_PORT}`;
  return {
    plugins: [react(), tailwind()],
    server: {
      host: '127.0.0.1',
      proxy: {
        '/api': `http://${origin}`,
        '/ws': { target: `ws://${origin}`, ws: true },
      },
    },
    build: {
      target: ['chrome111', 'firefox114', 'safari16.4'],
      // A data: URI would need an exception in the content security policy.
      assetsInlineLimit: 0,
      reportCompressedSize: false,
    },
  };
});
