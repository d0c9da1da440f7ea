import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { api } from "@/shared/api";
import { ErrorState, LoadingState } from "@/shared/states";

/** Where a platform sends the seller back to with a code; `state` begins with the account's id. */
export function AuthorisedPage() {
  const [query] = useSearchParams();
  const navigate = useNavigate();
  const code = query.get("code") ?? "";
  const state = query.get("state") ?? "";
  const account = state.split(".")[0] ?? "";
  const { mutate, error } = useMutation({ mutationFn: () => api.post(`/connector-accounts/${account}/authorised`, { code, state }), onSuccess: () => navigate(`/connectors/${account}`, { replace: true }) });
  const sent = useRef(false);
  useEffect(() => {
    if (sent.current) return;
    sent.current = true;
    mutate();
  }, [mutate]);
  if (error) return <ErrorState error={error} onRetry={() => void navigate(`/connectors/${account}`)} />;
  return <LoadingState rows={4} title />;
}
