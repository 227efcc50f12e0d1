package main

import (
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

// kustomize says what Kustomize makes of a folder.
func kustomize(arguments []string) (any, error) {
	resources, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), arguments[0])
	if err != nil {
		return nil, err
	}
	text, err := resources.AsYaml()
	return string(text), err
}
