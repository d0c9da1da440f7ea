import { useMutation, useQuery } from "@tanstack/react-query";
import { api, queryClient, type Schemas } from "@/shared/api";
import { useTranslation } from "@/shared/i18n";
import { useTold } from "@/shared/states";
import { say } from "./wecom";

export type Shown = Schemas["SidebarCustomer"];
export type Script = Schemas["Script"];

const key = (customer: string) => ["/sidebar/customers", customer] as const;

export function useShown(customer: string) {
  return useQuery({ queryKey: key(customer), queryFn: ({ signal }) => api.get<Shown>(`/sidebar/customers/${customer}`, undefined, signal), refetchInterval: 15_000 });
}

export function refreshShown(customer: string): void {
  void queryClient.invalidateQueries({ queryKey: key(customer) });
}

/** Say something in the chat, or copy it, and tell which it was. */
export function useSaying() {
  const { t } = useTranslation("sidebar");
  const told = useTold();
  return useMutation({ mutationFn: say, onSuccess: (how) => told.done(t(`words.${how}`)), onError: told.failed });
}

/** Take a script for her: it is counted, filled in anew, and said. */
export function useScript(customer: string) {
  const told = useTold();
  const saying = useSaying();
  return useMutation({
    mutationFn: (id: string) => api.post<Script>(`/sidebar/customers/${customer}/scripts/${id}/use`),
    onSuccess: (script) => {
      saying.mutate(script.text);
      refreshShown(customer);
      void queryClient.invalidateQueries({ queryKey: ["/sidebar/scripts", customer] });
    },
    onError: told.failed,
  });
}
