// On a phone the panels of a figure stand below each other. The package draws them with
// equal shares of the picture's width (`plotting.subplots`), so a share is a window on
// the picture: as wide as the screen, with letters that can be read. The picture itself
// stays for whoever hears the page instead of seeing it, and for wider screens.
(() => {
  "use strict";
  // Width over height of a figure with two, three or four panels.
  const RATIOS = [[2.5, 4], [2.3, 3], [1.9, 2]];

  function stack(image) {
    const { naturalWidth: width, naturalHeight: height } = image;
    const [, panels] = RATIOS.find(([ratio]) => width / height > ratio) ?? [];
    if (!panels) return;
    const stacked = document.createElement("span");
    stacked.className = "panels";
    for (let panel = 0; panel < panels; panel++) {
      const part = document.createElement("span");
      part.style.aspectRatio = width / panels / height;
      part.style.backgroundImage = `url("${image.currentSrc}")`;
      part.style.backgroundPosition = `${(100 * panel) / (panels - 1)}% 0`;
      part.style.backgroundSize = `${100 * panels}% 100%`;
      stacked.append(part);
    }
    image.after(stacked);
  }

  document.addEventListener("DOMContentLoaded", () => {
    for (const image of document.querySelectorAll(".cell_output figure img")) {
      if (image.complete) stack(image);
      else image.addEventListener("load", () => stack(image), { once: true });
    }
  });
})();
