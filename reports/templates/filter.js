(function () {
  var box = document.getElementById("find"), told = document.getElementById("found");
  var rows = [].slice.call(document.querySelectorAll("tbody tr"));
  box.parentNode.hidden = false;
  box.addEventListener("input", function () {
    var words = box.value.toLowerCase().split(/\s+/).filter(Boolean), left = 0;
    rows.forEach(function (row) {
      var text = row.textContent.toLowerCase();
      row.hidden = !words.every(function (word) { return text.indexOf(word) >= 0; });
      left += row.hidden ? 0 : 1;
    });
    [].forEach.call(document.querySelectorAll("section"), function (section) {
      section.hidden = !section.querySelector("tbody tr:not([hidden])");
    });
    told.textContent = told.dataset.words.replace("{n}", left);
  });
})();
