import { api, type Schemas } from "@/shared/api";

/** What WeCom's own scripts offer a page that stands in its chat tool bar. */
interface Wx {
  config: (given: object) => void;
  ready: (then: () => void) => void;
  error: (then: (problem: unknown) => void) => void;
  agentConfig: (given: object) => void;
  invoke: (name: string, given: object, then: (answer: { err_msg: string; userId?: string }) => void) => void;
}

const SCRIPTS = ["https://res.wx.qq.com/open/js/jweixin-1.2.0.js", "https://open.work.weixin.qq.com/wwopen/js/jwxwork-1.0.0.js"];
const CALLS = ["getCurExternalContact", "sendChatMessage"];

export function insideWecom(agent: string = navigator.userAgent): boolean {
  return /wxwork/i.test(agent);
}

function load(address: string): Promise<void> {
  return new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = () => done();
    script.onerror = () => failed(new Error(address));
    document.head.append(script);
  });
}

function wx(): Wx {
  return (window as unknown as { wx: Wx }).wx;
}

/** Let WeCom know who we are: the corporation's signature first, then the application's. */
async function introduce(account: string): Promise<void> {
  for (const one of SCRIPTS) await load(one);
  const url = window.location.href.split("#")[0] ?? "";
  const signed = await api.post<Schemas["Signatures"]>("/sidebar/signature", { account_id: account, url });
  const said = ({ timestamp, nonce, signature }: Schemas["OneSignature"]) => ({ timestamp, nonceStr: nonce, signature, jsApiList: CALLS });
  await new Promise<void>((done, failed) => {
    wx().error(failed);
    wx().ready(done);
    wx().config({ beta: true, debug: false, appId: signed.corp_id, ...said(signed.config) });
  });
  await new Promise<void>((done, failed) => wx().agentConfig({ corpid: signed.corp_id, agentid: signed.agent_id, ...said(signed.agent_config), success: () => done(), fail: failed }));
}

/** Whom the chat is with, by what WeCom calls her. */
export async function currentContact(account: string): Promise<string> {
  await introduce(account);
  return new Promise((done, failed) => wx().invoke("getCurExternalContact", {}, (answer) => (answer.err_msg.endsWith(":ok") && answer.userId ? done(answer.userId) : failed(new Error(answer.err_msg)))));
}

/** Put words into the chat, or, outside of WeCom, onto the clipboard. Says which it was. */
export async function say(text: string): Promise<"sent" | "copied"> {
  if (insideWecom() && "wx" in window) {
    await new Promise<void>((done, failed) => wx().invoke("sendChatMessage", { msgtype: "text", text: { content: text } }, (answer) => (answer.err_msg.endsWith(":ok") ? done() : failed(new Error(answer.err_msg)))));
    return "sent";
  }
  await navigator.clipboard.writeText(text);
  return "copied";
}
