"""The paper's experiments: the same scenes, named by many label sets, with what can be said of it.

The paper is Garcia Alvarado et al., "Foundation Models need to be culturally fine-tuned".
"""
