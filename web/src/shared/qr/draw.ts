const SIDE = 1080;
const EDGE = 48;
const BAND = 150;

/** The largest size at which a name fits into a width, given how wide it is at 64 pixels. */
export function fitted(widthAt64: number, room: number): number {
  return widthAt64 <= room ? 64 : Math.max(20, Math.floor((64 * room) / widthAt64));
}

export function fileName(name: string, ending: string): string {
  return `${name.replace(/[\\/:*?"<>|]+/g, " ").trim() || "code"}.${ending}`;
}

export function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}

function loaded(src: string): Promise<HTMLImageElement> {
  return new Promise((resolve, reject) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => reject(new Error(src));
    image.src = src;
  });
}

/** A code's picture with its name under it, in the fonts of this machine: the server has none for Chinese. */
export async function png(src: string, name: string, words: { ink: string; paper: string }): Promise<Blob> {
  const image = await loaded(src);
  const canvas = document.createElement("canvas");
  canvas.width = SIDE;
  canvas.height = SIDE + BAND;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.fillStyle = words.paper;
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(image, EDGE, EDGE, SIDE - 2 * EDGE, SIDE - 2 * EDGE);
  pen.fillStyle = words.ink;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  const font = getComputedStyle(document.body).fontFamily;
  pen.font = `64px ${font}`;
  pen.font = `${fitted(pen.measureText(name).width, SIDE - 2 * EDGE)}px ${font}`;
  pen.fillText(name, SIDE / 2, SIDE + BAND / 2 - EDGE / 2);
  return new Promise((resolve, reject) => canvas.toBlob((made) => (made ? resolve(made) : reject(new Error("no picture"))), "image/png"));
}
