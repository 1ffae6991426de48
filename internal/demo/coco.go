package demo

import (
	"context"
	"fmt"
	"strings"

	"github.com/slipway-dev/slipway/internal/sandbox"
)

// PeerPods is the repository of the Confidential Containers rehearsal, and the rest those that it is built on.
const (
	PeerPods = "confidential-containers/cloud-api-adaptor"
	Guest    = "confidential-containers/guest-components"
	Trustee  = "confidential-containers/trustee"
	Operator = "confidential-containers/operator"
)

// People of Confidential Containers.
const (
	Wanda = "wanda" // release manager: assigned to the tracking issue
	Pia   = "pia"   // maintainer
	Tess  = "tess"  // tester
)

// references is of the shape of src/cloud-api-adaptor/versions.yaml: unquoted values, and git.kbs next to oci.kbs.
const references = `---
# Sources for a base cloud os images
cloudimg:
  ubuntu:
    focal:
      amd64:
        url: https://cloud-images.ubuntu.com/releases/focal/release-20230107/ubuntu-20.04-server-cloudimg-amd64.img
        checksum: "sha256:3895e38566e5c2c019f5c6f825ab7570ee34dac6b9142fab0c7e5a78084c4280"
tools:
  bats: 1.10.0
  golang: 1.21.12
# Referenced Git repositories
git:
  coco-operator:
    url: https://github.com/confidential-containers/operator
    reference: main
  guest-components:
    url: https://github.com/confidential-containers/guest-components
    reference: df60725afe0ba452a25a740cf460c2855442c49a
  kata-containers:
    url: https://github.com/kata-containers/kata-containers
    reference: 3.6.0
  umoci:
    url: https://github.com/opencontainers/umoci
    reference: v0.4.7
  kbs:
    url: https://github.com/confidential-containers/trustee
    reference: dc01f454264fb4350e5f69eba05683a9a1882c41
oci:
  pause:
    registry: docker://registry.k8s.io/pause
    tag: 3.6
  kbs:
    registry: ghcr.io/confidential-containers/staged-images/kbs
    tag: dc01f454264fb4350e5f69eba05683a9a1882c41
`

const citation = `cff-version: 1.2.0
message: If you write about this software, please cite it as below.
authors:
  - name: The Confidential Containers Contributors
title: Cloud API Adaptor
abstract: Ability to create Kata pods using cloud provider APIs aka the peer-pods approach
license: Apache-2.0
version: 0.9.0-alpha1
date-released: 2024-07-04
commit: b31fd8ceb27fddb579dc56f3a027cc4bc6ee7df8
`

// overlayOf is of the shape of the kustomizations; docker's is indented in another way.
func overlayOf(provider string) string {
	text := fmt.Sprintf(`apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

resources:
- ../../yamls

images:
- name: cloud-api-adaptor
  newName: quay.io/confidential-containers/cloud-api-adaptor # change image if needed
  newTag: latest

configMapGenerator:
- name: peer-pods-cm
  literals:
  - CLOUD_PROVIDER=%q
  #- PAUSE_IMAGE="" # Uncomment and set if you want to use a specific pause image
`, provider)
	if provider == "docker" {
		text = strings.NewReplacer("resources", "bases", "\n- ", "\n  - ", "\n  newName", "\n    newName", "\n  newTag",
			"\n    newTag", "\n  literals", "\n    literals", "\n  - C", "\n      - C", "\n  #-", "\n    #-").Replace(
			text)
	}
	return text
}

// module is a go.mod of one of the modules: needs are siblings that a directory replaces, more is what else is
// required.
func module(dir string, needs []string, more ...string) string {
	const root = "github.com/confidential-containers/cloud-api-adaptor/src/"
	var b strings.Builder
	fmt.Fprintf(&b, "module %s%s\n\ngo 1.21\n\nrequire (\n", root, dir)
	for _, m := range more {
		fmt.Fprintf(&b, "\t%s\n", m)
	}
	for _, n := range needs {
		fmt.Fprintf(&b, "\t%s%s v0.9.0-alpha1\n", root, n)
	}
	b.WriteString("\tgolang.org/x/sys v0.21.0 // indirect\n)\n")
	for _, n := range needs {
		fmt.Fprintf(&b, "\nreplace %[1]s%[2]s => ../%[2]s\n", root, n)
	}
	return b.String()
}

// modules are the directories below src that bear tags.
func modules() []string {
	return []string{"cloud-api-adaptor", "cloud-providers", "csi-wrapper", "peerpod-ctrl", "peerpodconfig-ctrl",
		"webhook"}
}

// tagged are the tags of a version: of the root where it is named first, and of all modules.
func tagged(root, version string) []string {
	var out []string
	if root != "" {
		out = append(out, root)
	}
	for _, m := range modules() {
		out = append(out, "src/"+m+"/"+version)
	}
	return out
}

// ConfidentialContainers is cloud-api-adaptor with what it is built on: Kata Containers before its 3.7.0, whose
// versions.yaml names the other two. The tags are of the shape of the real ones: a root and its modules at two commits,
// a version without a root, the old form, and a number that contains its own suffix.
func ConfidentialContainers() sandbox.Seed {
	const kata = "github.com/kata-containers/kata-containers/src/runtime v0.0.0-20240617195946-7df221a8f968"
	files := map[string]string{
		"README.md": "# Cloud API Adaptor\n", "CITATION.cff": citation,
		"src/cloud-api-adaptor/versions.yaml": references,
		"src/cloud-api-adaptor/go.mod": module("cloud-api-adaptor",
			[]string{"cloud-providers", "peerpod-ctrl"}, kata),
		"src/cloud-api-adaptor/podvm/go.mod": "module " +
			"github.com/confidential-containers/cloud-api-adaptor/podvm\n\ngo 1.21\n",
		// The real one requires an old cloud-api-adaptor, and no directory replaces it.
		"src/cloud-providers/go.mod": module("cloud-providers", nil,
			"github.com/confidential-containers/cloud-api-adaptor/src/cloud-api-adaptor v0.8.0"),
		"src/csi-wrapper/go.mod":        module("csi-wrapper", []string{"cloud-api-adaptor"}, kata),
		"src/peerpod-ctrl/go.mod":       module("peerpod-ctrl", []string{"cloud-providers"}),
		"src/peerpodconfig-ctrl/go.mod": module("peerpodconfig-ctrl", nil),
		"src/webhook/go.mod":            module("webhook", nil),
		".github/workflows/publish_images_on_push.yaml": "name: Publish images on push\non:\n  push:\n    branches: " +
			"[main]\n  workflow_dispatch:\njobs:\n  publish_images: {}\n",
		".github/workflows/release.yaml": "name: Release\non:\n  release:\n    types: [created]\njobs:\n  caa: {}\n  " +
			"csi-wrapper: {}\n  peerpod-ctrl: {}\n  peerpodconfig-ctrl: {}\n  webhook: {}\n  podvm_builder: {}\n  " +
			"podvm_binaries: {needs: podvm_builder}\n  podvm: {needs: podvm_binaries}\n",
		".github/release.yaml": "process: coco-peerpods\n",
	}
	for _, p := range []string{"aws", "azure", "docker", "ibmcloud", "ibmcloud-powervs", "libvirt", "vsphere"} {
		files["src/cloud-api-adaptor/install/overlays/"+p+"/kustomization.yaml"] = overlayOf(p)
	}
	for _, m := range modules() {
		files["src/"+m+"/doc.go"] = "// Package " + strings.ReplaceAll(m, "-", "") + " is a part of peer " +
			"pods.\npackage " + strings.ReplaceAll(m, "-", "") + "\n"
	}
	people := map[string]string{Wanda: "triage", Pia: "maintain", Tess: "triage"}
	return sandbox.Seed{
		Org: "confidential-containers", Users: []string{Wanda, Pia, Tess, Zoe},
		Repos: []sandbox.SeedRepo{
			{
				Name: "cloud-api-adaptor", DefaultBranch: "main", Collaborators: people,
				Commits: []sandbox.SeedCommit{
					{Message: "Begin", Author: Pia, Files: map[string]string{"README.md": "# CAA\n"},
						Tags: []string{"v0.8.0", "volumes/csi-wrapper/v0.7.0", "peerpod-ctrl/v0.7.0"}, Released: true},
					{Message: "Go on", Author: Pia, Files: map[string]string{"CHANGES": "1\n"},
						Tags: tagged("", "v0.8.0")},
					{Message: "Mend the tags", Author: Pia, Files: map[string]string{"CHANGES": "2\n"},
						Tags: tagged("", "v0.8.1")},
					{Message: "Mend them once more", Author: Pia, Files: map[string]string{"CHANGES": "3\n"},
						Tags: tagged("v0.8.2", "v0.8.2"), Released: true},
					{Message: "release: Bump to v0.9.0-alpha1", Author: Pia, Files: files,
						Tags: append(tagged("v0.9.0-alpha1", "v0.9.0-alpha1"),
							"src/webhook/v0.9.0-alpha1-alpha.1"), Released: true},
					{Message: "libvirt: keep the volume", Author: Pia, Files: map[string]string{"CHANGES": "4\n"}},
					{Branch: "fix-azure", From: "main", Message: "azure: wait for the disk", Author: Pia,
						Files: map[string]string{"CHANGES": "5\n"}},
				},
				Issues: []sandbox.SeedIssue{
					{Title: "Peer pods v0.9.0", Body: "The release of Confidential Containers 0.9.0.\n", Author: Pia,
						Assignees: []string{Wanda}},
					{Title: "azure: wait for the disk", Body: "The test of azure fails without it.", Author: Pia,
						Branch: "fix-azure"},
				},
			},
			{Name: "guest-components", DefaultBranch: "main", Collaborators: people, Commits: []sandbox.SeedCommit{
				{Message: "Release v0.9.0", Author: Pia, Files: map[string]string{"README.md": "# Guest components\n"},
					Tags: []string{"v0.9.0"}, Released: true},
			}},
			{Name: "trustee", DefaultBranch: "main", Collaborators: people, Commits: []sandbox.SeedCommit{
				{Message: "Release v0.9.0", Author: Pia, Files: map[string]string{"README.md": "# Trustee\n"},
					Tags: []string{"v0.9.0"}, Released: true},
			}},
			{Name: "operator", DefaultBranch: "main", Collaborators: people, Commits: []sandbox.SeedCommit{
				{Message: "Go on", Author: Pia, Files: map[string]string{"README.md": "# Operator\n"}},
			}},
		},
		Others: []sandbox.Seed{builtOn()},
	}
}

// builtOn is Kata Containers, whose versions.yaml names the two that peer pods are built on too.
func builtOn() sandbox.Seed {
	versions := func(guest, trustee string) map[string]string {
		return map[string]string{"versions.yaml": "externals:\n  coco-guest-components:\n    description: " +
			"\"Confidential Containers guest components\"\n    url: " +
			"\"https://github.com/confidential-containers/guest-components/\"\n    version: \"" + guest +
			"\"\n    toolchain: \"1.76.0\"\n\n  coco-trustee:\n    url: " +
			"\"https://github.com/confidential-containers/trustee\"\n    version: \"" + trustee +
			"\"\n    image: \"ghcr.io/confidential-containers/staged-images/kbs\"\n    image_tag: \"" + trustee +
			"\"\n"}
	}
	return sandbox.Seed{
		Org: "kata-containers", Users: []string{Fabi},
		Repos: []sandbox.SeedRepo{{
			Name: "kata-containers", DefaultBranch: "main", Collaborators: map[string]string{Fabi: "maintain"},
			Commits: []sandbox.SeedCommit{
				{Message: "release: Kata Containers 3.6.0", Author: Fabi,
					Files: versions("df60725afe0ba452a25a740cf460c2855442c49a",
						"dc01f454264fb4350e5f69eba05683a9a1882c41"), Tags: []string{"3.6.0"}, Released: true},
				{Message: "versions: Bump guest-components and Trustee", Author: Fabi,
					Files: versions("v0.9.0", "v0.9.0")},
			},
		}},
	}
}

// BuildPeerPods pushes the images of main and ends their workflow, as GitHub Actions does.
func BuildPeerPods(ctx context.Context, s *sandbox.Server) error {
	snapshot, err := s.Snapshot(ctx, PeerPods)
	if err != nil {
		return err
	}
	for _, tag := range []string{"", "dev-"} {
		if err := s.PushImage(ctx, "quay.io/confidential-containers/cloud-api-adaptor:"+tag+
			snapshot.Branches["main"]); err != nil {
			return err
		}
	}
	return s.FinishNewest(PeerPods, "publish_images_on_push.yaml", "", "success")
}
