package edit

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// chart is of the shape of kata-deploy's: the word version in comments, and one of a dependency that must not be
// touched.
const chart = "# the version of the chart; appVersion is that of Kata\napiVersion: v2\nname: kata-deploy\n\n# " +
	"version: \"0.0.0\"\nversion: \"4.1.0\" # the chart's version\nappVersion:   '4.1.0'\n" +
	"dependencies:\n  - name: node-feature-discovery\n    version: \"0.19.0\"\nüber: {version: 1.2.3-x, tags: [a, b]}\n"

// branches is of the shape of falcosecurity/test-infra's config.yaml.
const branches = "# of prow\nrepos:\n  libs:\n      protect: true\n      branches:\n        master: { protect: true " +
	"}\n        \"release/0.24.x\": { protect: true }\n  falco:\n      protect: true\n# the end\n"

// requirements is of the shape of cloud-api-adaptor's: the siblings in a block, one of them indirect, one without a
// version.
const requirements = `module example.org/caa/src/a

go 1.21

require (
	example.org/caa/src/cloud-providers v0.9.0-alpha1 // of this repository
	example.org/caa/src/peerpod-ctrl   v0.9.0-alpha1 // indirect
	example.org/caa/src/unversioned v0.0.0-00010101000000-000000000000
	example.org/kata/src/runtime v0.0.0-20231130163424-59d733fafdf6
)

require "example.org/caa/src/quoted" v0.9.0-alpha1

replace (
	example.org/caa/src/cloud-providers => ../cloud-providers
	example.org/caa/src/peerpod-ctrl => ../peerpod-ctrl
	example.org/caa/src/unversioned => ../unversioned
	example.org/caa/src/quoted => ../quoted
	example.org/client => example.org/client v1.14.0
)
`

func TestOneValueIsChangedAndNoOtherByte(t *testing.T) {
	for _, c := range []struct{ name, file, edit, was, want string }{
		{"one line", "4.1.0\n", "VERSION line 4.2.0", "4.1.0", "4.2.0\n"},
		{"one line without its end", "4.1.0", "VERSION line 4.2.0", "4.1.0", "4.2.0"},
		{"CRLF", "4.1.0\r\n", "VERSION line 4.2.0", "4.1.0", "4.2.0\r\n"},
		{"blanks around", " 4.1.0 \n", "VERSION line 4.2.0", "4.1.0", " 4.2.0 \n"},
		{"an empty file", "\n", "VERSION line 4.2.0", "", "4.2.0\n"},
		{"double quotes", chart, "Chart.yaml yaml:version 4.2.0", "4.1.0",
			strings.Replace(chart, "version: \"4.1.0\" #", "version: \"4.2.0\" #", 1)},
		{"single quotes", chart, "Chart.yaml yaml:appVersion 4.2.0", "4.1.0",
			strings.Replace(chart, "'4.1.0'", "'4.2.0'", 1)},
		{"deep down", chart, "Chart.yaml yaml:dependencies[0].version 0.20.0", "0.19.0",
			strings.Replace(chart, "0.19.0", "0.20.0", 1)},
		{"behind letters of two bytes", chart, "Chart.yaml yaml:über.version 1.2.4-x", "1.2.3-x",
			strings.Replace(chart, "1.2.3-x", "1.2.4-x", 1)},
		{"YAML with CRLF", strings.ReplaceAll(chart, "\n", "\r\n"), "Chart.yaml yaml:version 4.2.0", "4.1.0",
			strings.ReplaceAll(strings.Replace(chart, "version: \"4.1.0\" #", "version: \"4.2.0\" #", 1), "\n",
				"\r\n")},
		{"a new entry", branches, `config.yaml add:repos.libs.branches "release/0.25.x": { protect: true }`, "",
			strings.Replace(branches, "\"release/0.24.x\": { protect: true }\n",
				"\"release/0.24.x\": { protect: true }\n        \"release/0.25.x\": { protect: true }\n", 1)},
		{"an entry that is there", branches, `config.yaml add:repos.libs.branches "release/0.24.x": { protect: true }`,
			`"release/0.24.x": { protect: true }`, branches},
		{"an entry behind a long one", branches, `config.yaml add:repos plugins: {}`, "",
			strings.Replace(branches, "# the end\n", "  plugins: {}\n# the end\n", 1)},
		{"a new entry with CRLF", strings.ReplaceAll(branches, "\n", "\r\n"),
			`config.yaml add:repos.libs.branches x: {}`, "",
			strings.ReplaceAll(strings.Replace(branches, "\"release/0.24.x\": { protect: true }\n",
				"\"release/0.24.x\": { protect: true }\n        x: {}\n", 1), "\n", "\r\n")},
		{"a new entry at the end of a file that has none", "a:\n  b: 1", `x add:a c: 2`, "", "a:\n  b: 1\n  c: 2\n"},
		{"the next minor", chart, "Chart.yaml yaml:version +minor", "4.1.0",
			strings.Replace(chart, "version: \"4.1.0\" #", "version: \"4.2.0\" #", 1)},
		{"the next patch", "0.7.16\n", "VERSION line +patch", "0.7.16", "0.7.17\n"},
		{"quotes where the value needs them", "tag: v1 # of it\n", "x yaml:tag 1.10", "v1", "tag: \"1.10\" # of it\n"},
		{"a requirement of a Go module", requirements,
			"src/a/go.mod module:example.org/kata/src/runtime v0.0.0-20240617195946-7df221a8f968",
			"v0.0.0-20231130163424-59d733fafdf6",
			strings.Replace(requirements, "v0.0.0-20231130163424-59d733fafdf6",
				"v0.0.0-20240617195946-7df221a8f968", 1)},
		{"all that a directory replaces", requirements, "src/a/go.mod module:local v0.9.0", "v0.9.0-alpha1",
			strings.ReplaceAll(requirements, "v0.9.0-alpha1", "v0.9.0")},
		{"go.mod with CRLF", strings.ReplaceAll(requirements, "\n", "\r\n"), "src/a/go.mod module:local v0.9.0",
			"v0.9.0-alpha1",
			strings.ReplaceAll(strings.ReplaceAll(requirements, "v0.9.0-alpha1", "v0.9.0"), "\n", "\r\n")},
		{"no requirement that a directory replaces", "module x\n\nrequire y.org/z v1.0.0\n",
			"go.mod module:local v0.9.0", "v0.9.0", "module x\n\nrequire y.org/z v1.0.0\n"},
		{"an expression", "const Version = \"1.2.3\" // of this\n", `v.go match:^const\sVersion\s=\s"(.*)" 1.2.4`,
			"1.2.3", "const Version = \"1.2.4\" // of this\n"},
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
		{"version: 1.2.3-x\n", "Chart.yaml yaml:version #1", "needs quotes"},
		{requirements, "go.mod module:example.org/else v1.0.0", "it does not require example.org/else"},
		{"module x\nrequire y\n", "go.mod module:local v1.0.0", "it is no go.mod"},
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
	for _, text := range []string{"", "# a title alone", "VERSION", "go.mod module v1.0.0", "VERSION word 1",
		"VERSION line:x 1", "VERSION yaml 1", "a b c d"} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), "for example") &&
			!strings.Contains(err.Error(), "yaml:PATH") {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// What was written is read again, and writing back what was there gives the file of before.
func TestWritingAndReadingAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.StringMatching(`[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}(-rc[0-9])?`).Draw(t, "version")
		file := []byte(rapid.SampledFrom([]string{chart, strings.ReplaceAll(chart, "\n", "\r\n")}).Draw(t, "file"))
		e := Edit{Path: "Chart.yaml", Kind: "yaml",
			Arg: rapid.SampledFrom([]string{"version", "appVersion", "dependencies[0].version", "über.version"}).Draw(t,
				"path"), Value: version}
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

// The second round of a release is one pull request with two commits: the images, and the modules.
func TestATitleBeginsACommit(t *testing.T) {
	edits, err := Parse("VERSION line 1\n# Pin the images\na.yaml yaml:x v1\nb.yaml yaml:x v1\n# Update the " +
		"modules\ngo.mod module:local v1.0.0\n")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range edits {
		got = append(got, e.Path+"="+e.Commit)
	}
	if want := "VERSION= a.yaml=Pin the images b.yaml=Pin the images go.mod=Update the modules"; strings.Join(got,
		" ") != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// The charts of cloud-api-adaptor follow its versions (v0.20.0, v0.21.0, v0.21.1, v0.22.0), those of Aether leave holes
// for the branch.
func TestChartsGoOn(t *testing.T) {
	for step, want := range map[string]string{
		"0.2.0 +minor": "0.3.0", "0.3.0 +patch": "0.3.1", "0.3.1 +minor": "0.4.0",
		"2.0.43 +minor": "2.1.0", "2.0.43 +patch": "2.0.44", "0.7.16 +minor": "0.8.0", "1.5.0 +minor": "1.6.0",
	} {
		was, how, _ := strings.Cut(step, " ")
		edits, err := Parse("Chart.yaml yaml:version " + how)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := edits[0].Set([]byte("version: " + was + " # the chart\n")); string(got) != "version: "+want+
			" # the chart\n" || err != nil {
			t.Errorf("%s: %q, %v; want %s", step, got, err, want)
		}
	}
}
