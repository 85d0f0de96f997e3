/** A link is followed only over http(s), whatever the answer says. */
export function FileLink({ url, name }: { url: string; name: string }) {
  if (!/^https?:\/\//i.test(url)) return <>{name}</>;
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {name}
    </a>
  );
}
