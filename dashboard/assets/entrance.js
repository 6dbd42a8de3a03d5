// Suggests the browser's own time zone; everything works without it.
const zone = document.getElementById("zone");
if (zone && !zone.hasAttribute("data-given")) {
  const reported = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const own = JSON.parse(zone.dataset.renamed)[reported] ?? reported;
  if ([...zone.options].some((option) => option.value === own)) zone.value = own;
}
