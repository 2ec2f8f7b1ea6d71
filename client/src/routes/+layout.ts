// A static page: everything it shows comes from the server after it has loaded.
export const ssr = false
export const prerender = false
