/** Where the process starts. What a command does not need is not loaded for it: an inventory alone takes two thirds of the memory. */
const args = process.argv.slice(2);
await import('./schemas.ts');

if (args[0] === 'inventory') {
  const { runInventory } = await import('./inventory/command.ts');
  await runInventory(args.slice(1));
} else {
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine(args);
}
