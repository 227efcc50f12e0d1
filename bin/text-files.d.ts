/** Files that are shipped as text, for others to run: the build and the tests make strings of them. */
declare module '*.pod.mjs' {
  const text: string;
  export default text;
}
declare module '*.sh' {
  const text: string;
  export default text;
}
