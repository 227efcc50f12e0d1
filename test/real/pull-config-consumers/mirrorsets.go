package main

import (
	"bytes"
	"fmt"
	"os"

	"github.com/BurntSushi/toml"
	"github.com/containers/image/v5/pkg/sysregistriesv2"
	configv1 "github.com/openshift/api/config/v1"
	utils "github.com/openshift/runtime-utils/pkg/registries"
	"sigs.k8s.io/yaml"
)

// mirrorSets says where a node of OpenShift pulls an image from: its machine-config operator makes registries.conf of mirror
// sets with this very function.
func mirrorSets(arguments []string) (any, error) {
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return nil, err
	}
	digests, tags, err := setsOf(text)
	if err != nil {
		return nil, err
	}
	config := &sysregistriesv2.V2RegistriesConf{}
	if err := utils.EditRegistriesConfig(config, nil, nil, nil, digests, tags); err != nil {
		return nil, err
	}
	file, err := os.CreateTemp("", "registries-*.conf")
	if err != nil {
		return nil, err
	}
	defer os.Remove(file.Name())
	if err := toml.NewEncoder(file).Encode(config); err != nil {
		return nil, err
	}
	if err := file.Close(); err != nil {
		return nil, err
	}
	return sourcesOf(file.Name(), arguments[1])
}

func setsOf(text []byte) (digests []*configv1.ImageDigestMirrorSet, tags []*configv1.ImageTagMirrorSet, err error) {
	for _, document := range documentsOf(text) {
		var head struct{ APIVersion, Kind string }
		if err := yaml.Unmarshal(document, &head); err != nil {
			return nil, nil, err
		}
		switch head.APIVersion + " " + head.Kind {
		case "config.openshift.io/v1 ImageDigestMirrorSet":
			set := &configv1.ImageDigestMirrorSet{}
			if err := yaml.UnmarshalStrict(document, set); err != nil {
				return nil, nil, err
			}
			digests = append(digests, set)
		case "config.openshift.io/v1 ImageTagMirrorSet":
			set := &configv1.ImageTagMirrorSet{}
			if err := yaml.UnmarshalStrict(document, set); err != nil {
				return nil, nil, err
			}
			tags = append(tags, set)
		default:
			return nil, nil, fmt.Errorf("got %q of %q; a mirror set would do", head.Kind, head.APIVersion)
		}
	}
	return digests, tags, nil
}

func documentsOf(text []byte) [][]byte {
	return bytes.Split(bytes.TrimPrefix(text, []byte("---\n")), []byte("\n---\n"))
}
