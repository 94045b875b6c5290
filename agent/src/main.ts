/** Where the process starts. What a command does not need is not loaded for it: an inventory alone takes two thirds of the memory. */
const args = process.argv.slice(2);

if (args[0] === 'inventory') {
  // Making code for each schema pays for those who check a thousand times; here each is used once, and the agent's Node compiles nothing.
  // Schemas ask for it when they are made.
  (await import('zod')).config({ jitless: true });
  const { runInventory } = await import('./inventory/command.ts');
  await runInventory(args.slice(1));
} else {
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine(args);
}
