/** Where the process starts. What a command does not need is not loaded for it: an inventory alone takes two thirds of the memory. */
const args = process.argv.slice(2);

if (args[0] === 'inventory') {
  const [, option, asked = ''] = args;
  const [{ openHost }, { inventoryForAgent, inventoryText }] = [
    await import('./open-host.ts'),
    await import('./inventory/show.ts'),
  ];
  const { host, close } = await openHost((line) => process.stderr.write(`muster-agent: ${line}\n`));
  const text = await (option === '--asked' ? inventoryForAgent(host, asked) : inventoryText(host));
  process.stdout.write(`${text}\n`);
  close();
} else {
  const { runCommandLine } = await import('./command-line.ts');
  await runCommandLine(args);
}
