package main

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apiextensions-apiserver/pkg/apis/apiextensions"
	v1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/schema/pruning"
	"k8s.io/apiextensions-apiserver/pkg/apiserver/validation"
	"sigs.k8s.io/yaml"
)

// resource holds manifests against CustomResourceDefinitions as the API server does: its schema, and no fields that it
// does not know. Rules in CEL are not evaluated.
func resource(arguments []string) (any, error) {
	text, err := os.ReadFile(arguments[0])
	if err != nil {
		return nil, err
	}
	kinds := []string{}
	for _, document := range documentsOf(text) {
		kind, err := resourceOf(document, arguments[1])
		if err != nil {
			return nil, err
		}
		kinds = append(kinds, kind)
	}
	return kinds, nil
}

func resourceOf(document []byte, definitions string) (string, error) {
	object := map[string]any{}
	if err := yaml.Unmarshal(document, &object); err != nil {
		return "", err
	}
	properties, kind, err := schemaOf(definitions, fmt.Sprint(object["apiVersion"]), fmt.Sprint(object["kind"]))
	if err != nil {
		return "", err
	}
	validator, _, err := validation.NewSchemaValidator(properties)
	if err != nil {
		return "", err
	}
	if wrong := validation.ValidateCustomResource(nil, object, validator); len(wrong) > 0 {
		return "", fmt.Errorf("%s: %w", kind, wrong.ToAggregate())
	}
	structural, err := schema.NewStructural(properties)
	if err != nil {
		return "", err
	}
	options := schema.UnknownFieldPathOptions{TrackUnknownFieldPaths: true}
	if unknown := pruning.PruneWithOptions(object, structural, true, options); len(unknown) > 0 {
		return "", fmt.Errorf("%s: unknown fields %v", kind, unknown)
	}
	return kind, nil
}

func schemaOf(folder, apiVersion, kind string) (*apiextensions.JSONSchemaProps, string, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, "", err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, "", err
		}
		definition := &v1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(text, definition); err != nil {
			return nil, "", err
		}
		for _, version := range definition.Spec.Versions {
			if definition.Spec.Group+"/"+version.Name != apiVersion || definition.Spec.Names.Kind != kind {
				continue
			}
			properties := &apiextensions.JSONSchemaProps{}
			err := v1.Convert_v1_JSONSchemaProps_To_apiextensions_JSONSchemaProps(version.Schema.OpenAPIV3Schema, properties, nil)
			return properties, kind, err
		}
	}
	return nil, "", fmt.Errorf("got %q of %q; a kind that is defined would do", kind, apiVersion)
}
