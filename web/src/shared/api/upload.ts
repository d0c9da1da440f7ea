import { networkError, readAnswer, readError } from "./errors";

/** How much of a file has left, 0 to 1; 1 while the server reads it. */
export type OnSent = (share: number) => void;

interface Sending {
  url: string;
  headers: Record<string, string>;
  form: FormData;
  onSent: OnSent;
}

/** Posts a form with a file, telling how far it is: `fetch` cannot. */
function sent({ url, headers, form, onSent }: Sending): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) onSent(event.loaded / event.total);
    };
    request.onload = () => {
      const id = request.getResponseHeader("x-request-id");
      resolve(new Response(request.responseText, { status: request.status, headers: id ? { "x-request-id": id } : {} }));
    };
    request.onerror = () => reject(networkError(request.statusText));
    request.send(form);
  });
}

/** Rejects with an ApiError the reader can be shown. */
export async function upload<T>(sending: Sending): Promise<T> {
  const response = await sent(sending);
  if (!response.ok) throw await readError(response);
  return readAnswer<T>(response);
}
