// A page that is rendered again when it is older than a second.
export const revalidate = 1

export default function Page() {
  return <p>rendered at {Date.now()}, calls {process.env.NEXT_PUBLIC_API_URL}</p>
}
