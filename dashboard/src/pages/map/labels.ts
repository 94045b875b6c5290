/** Names beside nodes, none over another: what comes first stands, what would cover it waits for more room. */
import type { Settings } from 'sigma/settings';
import type { NodeDisplayData, PartialButFor } from 'sigma/types';

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Boxes taken so far in one frame. */
export class LabelRoom {
  #taken: Box[] = [];

  clear(): void {
    this.#taken = [];
  }

  /** Takes the room, if it is free. */
  take(box: Box): boolean {
    const covers = (other: Box) =>
      box.x < other.x + other.width &&
      other.x < box.x + box.width &&
      box.y < other.y + other.height &&
      other.y < box.y + box.height;
    if (this.#taken.some(covers)) return false;
    this.#taken.push(box);
    return true;
  }
}

export function labelPainter(room: LabelRoom, colours: { readonly text: string; readonly surface: string }) {
  return (
    context: CanvasRenderingContext2D,
    data: PartialButFor<NodeDisplayData, 'x' | 'y' | 'size' | 'label' | 'color'>,
    settings: Settings,
  ): void => {
    if (!data.label) return;
    const size = settings.labelSize;
    context.font = `${settings.labelWeight} ${size}px ${settings.labelFont}`;
    const x = data.x + data.size + 4;
    const y = data.y + size / 3;
    const width = context.measureText(data.label).width;
    if (!room.take({ x: x - 2, y: y - size, width: width + 4, height: size + 4 })) return;
    context.lineWidth = 3;
    context.strokeStyle = colours.surface;
    context.strokeText(data.label, x, y);
    context.fillStyle = colours.text;
    context.fillText(data.label, x, y);
  };
}
