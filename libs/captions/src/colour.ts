/** `#rrggbb` and an opacity from 0 to 1, as ASS writes them: &HAABBGGRR, where AA is how transparent it is. */
export function assColour(colour: string, opacity = 1): string {
  const [red, green, blue] = [colour.slice(1, 3), colour.slice(3, 5), colour.slice(5, 7)];
  const transparency = Math.round((1 - opacity) * 255)
    .toString(16)
    .padStart(2, "0");
  return `&H${transparency}${blue}${green}${red}`.toUpperCase();
}
