package {{ cookiecutter.__root_package }}
