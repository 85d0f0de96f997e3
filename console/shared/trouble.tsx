/** What has failed, in the server's words where it has any. */
export function Trouble({ text }: { text: string }) {
  if (text === '') return null;
  return (
    <p class="trouble" role="alert">
      {text}
    </p>
  );
}
