/** Where the process starts. What a command does not need is not loaded for it: an inventory alone takes two thirds of the memory. */
const args = process.argv.slice(2);

if (args[0] === 'inventory') {
  const [{ createLinuxHost }, { inventoryText }] = [
    await import('./host-linux.ts'),
    await import('./inventory/show.ts'),
  ];
  process.stdout.write(`${await inventoryText(createLinuxHost())}\n`);
} else {
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine(args);
}
