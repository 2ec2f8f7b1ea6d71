// A static page: everything it shows is loaded from the server afterwards.
export const ssr = false
export const prerender = false
