/** Reads a code in a picture: by the browser where it can, else by our own reader of square codes. */
import jsQR from 'jsqr';

interface Detector {
  detect(image: CanvasImageSource): Promise<readonly { readonly rawValue: string }[]>;
}
type DetectorClass = new (options: { formats: string[] }) => Detector;

/** Wider pictures are read no better, only slower. */
const WIDTH_MAX = 1_280;

function detector(): Detector | null {
  const { BarcodeDetector } = globalThis as { BarcodeDetector?: DetectorClass };
  return BarcodeDetector ? new BarcodeDetector({ formats: ['qr_code', 'code_128'] }) : null;
}

export async function readFrame(video: HTMLVideoElement): Promise<string | null> {
  return read(video, video.videoWidth, video.videoHeight);
}

export async function readPhoto(file: Blob): Promise<string | null> {
  const bitmap = await createImageBitmap(file);
  try {
    return await read(bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

async function read(image: CanvasImageSource, width: number, height: number): Promise<string | null> {
  const native = detector();
  if (native) {
    const [found] = await native.detect(image).catch(() => []);
    if (found) return found.rawValue;
  }
  const scale = Math.min(1, WIDTH_MAX / Math.max(1, width));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const drawing = canvas.getContext('2d', { willReadFrequently: true });
  if (!drawing) return null;
  drawing.drawImage(image, 0, 0, canvas.width, canvas.height);
  const { data } = drawing.getImageData(0, 0, canvas.width, canvas.height);
  return jsQR(data, canvas.width, canvas.height)?.data ?? null;
}
