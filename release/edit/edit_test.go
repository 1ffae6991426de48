package edit

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// chart is of the shape of kata-deploy's: the word version in comments, and one of a dependency that must not be touched.
const chart = "# the version of the chart; appVersion is that of Kata\napiVersion: v2\nname: kata-deploy\n\n# version: \"0.0.0\"\nversion: \"4.1.0\" # the chart's version\nappVersion:   '4.1.0'\n" +
	"dependencies:\n  - name: node-feature-discovery\n    version: \"0.19.0\"\nüber: {version: 1.2.3-x, tags: [a, b]}\n"

// branches is of the shape of falcosecurity/test-infra's config.yaml.
const branches = "# of prow\nrepos:\n  libs:\n      protect: true\n      branches:\n        master: { protect: true }\n        \"release/0.24.x\": { protect: true }\n  falco:\n      protect: true\n# the end\n"

func TestOneValueIsChangedAndNoOtherByte(t *testing.T) {
	for _, c := range []struct{ name, file, edit, was, want string }{
		{"one line", "4.1.0\n", "VERSION line 4.2.0", "4.1.0", "4.2.0\n"},
		{"one line without its end", "4.1.0", "VERSION line 4.2.0", "4.1.0", "4.2.0"},
		{"CRLF", "4.1.0\r\n", "VERSION line 4.2.0", "4.1.0", "4.2.0\r\n"},
		{"blanks around", " 4.1.0 \n", "VERSION line 4.2.0", "4.1.0", " 4.2.0 \n"},
		{"an empty file", "\n", "VERSION line 4.2.0", "", "4.2.0\n"},
		{"double quotes", chart, "Chart.yaml yaml:version 4.2.0", "4.1.0", strings.Replace(chart, "version: \"4.1.0\" #", "version: \"4.2.0\" #", 1)},
		{"single quotes", chart, "Chart.yaml yaml:appVersion 4.2.0", "4.1.0", strings.Replace(chart, "'4.1.0'", "'4.2.0'", 1)},
		{"deep down", chart, "Chart.yaml yaml:dependencies[0].version 0.20.0", "0.19.0", strings.Replace(chart, "0.19.0", "0.20.0", 1)},
		{"behind letters of two bytes", chart, "Chart.yaml yaml:über.version 1.2.4-x", "1.2.3-x", strings.Replace(chart, "1.2.3-x", "1.2.4-x", 1)},
		{"YAML with CRLF", strings.ReplaceAll(chart, "\n", "\r\n"), "Chart.yaml yaml:version 4.2.0", "4.1.0", strings.ReplaceAll(strings.Replace(chart, "version: \"4.1.0\" #", "version: \"4.2.0\" #", 1), "\n", "\r\n")},
		{"a new entry", branches, `config.yaml add:repos.libs.branches "release/0.25.x": { protect: true }`, "",
			strings.Replace(branches, "\"release/0.24.x\": { protect: true }\n", "\"release/0.24.x\": { protect: true }\n        \"release/0.25.x\": { protect: true }\n", 1)},
		{"an entry that is there", branches, `config.yaml add:repos.libs.branches "release/0.24.x": { protect: true }`, `"release/0.24.x": { protect: true }`, branches},
		{"an entry behind a long one", branches, `config.yaml add:repos plugins: {}`, "", strings.Replace(branches, "# the end\n", "  plugins: {}\n# the end\n", 1)},
		{"a new entry with CRLF", strings.ReplaceAll(branches, "\n", "\r\n"), `config.yaml add:repos.libs.branches x: {}`, "",
			strings.ReplaceAll(strings.Replace(branches, "\"release/0.24.x\": { protect: true }\n", "\"release/0.24.x\": { protect: true }\n        x: {}\n", 1), "\n", "\r\n")},
		{"a new entry at the end of a file that has none", "a:\n  b: 1", `x add:a c: 2`, "", "a:\n  b: 1\n  c: 2\n"},
		{"the next minor", chart, "Chart.yaml yaml:version +minor", "4.1.0", strings.Replace(chart, "version: \"4.1.0\" #", "version: \"4.2.0\" #", 1)},
		{"the next patch", "0.7.16\n", "VERSION line +patch", "0.7.16", "0.7.17\n"},
		{"an expression", "const Version = \"1.2.3\" // of this\n", `v.go match:^const\sVersion\s=\s"(.*)" 1.2.4`, "1.2.3", "const Version = \"1.2.4\" // of this\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			edits, err := Parse(c.edit)
			if err != nil {
				t.Fatal(err)
			}
			if was, err := edits[0].Get([]byte(c.file)); was != c.was || err != nil {
				t.Errorf("it reads %q, %v; want %q", was, err, c.was)
			}
			got, err := edits[0].Set([]byte(c.file))
			if string(got) != c.want || err != nil {
				t.Errorf("it writes %q, %v; want %q", got, err, c.want)
			}
		})
	}
}

func TestWhatCannotBeChangedSafelyIsRefused(t *testing.T) {
	for _, c := range []struct{ file, edit, want string }{
		{"4.1.0\n4.2.0\n", "VERSION line 4.3.0", "VERSION: it has more than one line"},
		{chart, "Chart.yaml yaml:release 4.2.0", "there is no release in it"},
		{chart, "Chart.yaml yaml:dependencies 4.2.0", "no single value"},
		{"a: [", "Chart.yaml yaml:version 4.2.0", "it is no YAML"},
		{"version: 1.2.3-x\n", "Chart.yaml yaml:version 1.2", "needs quotes"},
		{"a 1\na 2\n", `x match:^a\s(\d) 3`, "matches more than once"},
		{"b\n", `x match:^a\s(\d) 3`, "matches nothing"},
		{"b\n", `x match:b 3`, "has 0 groups and needs one"},
		{"b\n", `x match:( 3`, "missing closing )"},
		{"0.8.0-dev\n", "VERSION line +minor", "is no version such as 1.2.3"},
		{branches, `x add:repos.libs.branches.master y: 1`, "stands on one line"},
		{branches, `x add:repos.libs.protect y: 1`, "is no mapping"},
		{branches, `x add:repos.plugins y: 1`, "there is no repos.plugins"},
		{branches, `x add:repos nonsense`, "is no entry"},
	} {
		edits, err := Parse(c.edit)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := edits[0].Set([]byte(c.file)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %q: %v, want %q", c.edit, c.file, err, c.want)
		}
	}
	for _, text := range []string{"", "VERSION", "VERSION word 1", "VERSION line:x 1", "VERSION yaml 1", "a b c d"} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), "for example") && !strings.Contains(err.Error(), "yaml:PATH") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What was written is read again, and writing back what was there gives the file of before.
func TestWritingAndReadingAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.StringMatching(`[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(-rc[0-9])?`).Draw(t, "version")
		file := []byte(rapid.SampledFrom([]string{chart, strings.ReplaceAll(chart, "\n", "\r\n")}).Draw(t, "file"))
		e := Edit{Path: "Chart.yaml", Kind: "yaml", Arg: rapid.SampledFrom([]string{"version", "appVersion", "dependencies[0].version", "über.version"}).Draw(t, "path"), Value: version}
		was, err := e.Get(file)
		if err != nil {
			t.Fatal(err)
		}
		changed, err := e.Set(file)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := e.Get(changed); got != version || err != nil {
			t.Fatalf("wrote %q and read %q, %v", version, got, err)
		}
		e.Value = was
		if back, err := e.Set(changed); err != nil || !bytes.Equal(back, file) {
			t.Fatalf("back it is %q, %v", back, err)
		}
	})
}
