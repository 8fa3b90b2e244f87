"""A chat as Streamlit's documentation writes it. ``/?earlier=100`` begins with that many messages."""

import model
import streamlit as st  # pyright: ignore[reportMissingImports] - not among the requirements

if "messages" not in st.session_state:
    st.session_state.messages = model.earlier_messages(int(st.query_params.get("earlier", "0")))

for message in st.session_state.messages:
    with st.chat_message(message["role"]):
        st.markdown(message["content"])

if question := st.chat_input("Message"):
    st.session_state.messages.append({"role": "user", "content": question})
    with st.chat_message("user"):
        st.markdown(question)
    with st.chat_message("assistant"):
        reply = st.write_stream(model.answer(st.session_state.messages))
    st.session_state.messages.append({"role": "assistant", "content": reply})
